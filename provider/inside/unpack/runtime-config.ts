import type { ImageConfig } from '../../../manifests/index.js'
import type { ProcessUser } from './process-user.js'

/** The part of an image's config that decides how a container runs, with its defaults. */
const SHELL_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** What docker gives a container, and no more. */
const CAPABILITIES = [
  'CAP_AUDIT_WRITE',
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_MKNOD',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
]
const MASKED = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
]
const READ_ONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

/** Who unpacked the bundle, if that was not root: the user that root in the container maps to. */
export interface Rootless {
  uid: number
  gid: number
}

/**
 * The `config.json` of a bundle (runtime-spec 1.0.2, config.md and config-linux.md), as the image's config converts to
 * one (image-spec, conversion.md).
 */
export function runtimeConfig(
  { config, created, author, os, architecture }: ImageConfig,
  user: ProcessUser,
  rootless?: Rootless,
): Record<string, unknown> {
  const said = config ?? {}
  const args = [...(said.Entrypoint ?? []), ...(said.Cmd ?? [])]
  const env = said.Env ?? []
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user,
      args: args.length > 0 ? args : ['sh'],
      env: env.some((one) => one.startsWith('PATH=')) ? env : [SHELL_PATH, ...env],
      cwd: said.WorkingDir || '/',
      capabilities: { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES },
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: false },
    hostname: 'container',
    mounts: mounts(rootless !== undefined),
    annotations: {
      'org.opencontainers.image.os': os,
      'org.opencontainers.image.architecture': architecture,
      ...(created === undefined ? {} : { 'org.opencontainers.image.created': created }),
      ...(author === undefined ? {} : { 'org.opencontainers.image.author': author }),
      ...said.Labels,
    },
    linux: {
      namespaces: ['pid', 'ipc', 'uts', 'mount', 'network', ...(rootless ? ['user'] : [])].map((type) => ({
        type,
      })),
      maskedPaths: MASKED,
      readonlyPaths: READ_ONLY,
      ...(rootless ? mappings(rootless) : { resources: { devices: [{ allow: false, access: 'rwm' }] } }),
    },
  }
}

function mappings({ uid, gid }: Rootless): Record<string, unknown> {
  return {
    uidMappings: [{ containerID: 0, hostID: uid, size: 1 }],
    gidMappings: [{ containerID: 0, hostID: gid, size: 1 }],
  }
}

/**
 * As `crun spec` and `runc spec` have them; other users than root may not set a terminal's group or mount a
 * new sysfs.
 */
function mounts(isRootless: boolean): Record<string, unknown>[] {
  const group = isRootless ? [] : ['gid=5']
  const sys = isRootless
    ? {
        destination: '/sys',
        type: 'none',
        source: '/sys',
        options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'],
      }
    : { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] }
  return [
    { destination: '/proc', type: 'proc', source: 'proc' },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', ...group],
    },
    {
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
    },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
    sys,
  ]
}
