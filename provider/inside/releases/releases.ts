/** One release of a distribution, and until when its publisher fixes it. */
export interface Release {
  /** As `os-release` has it in ID; `windows` for Windows Server. */
  id: string
  /** As in VERSION_ID, without what comes after the part that makes a release. */
  version: string
  codename?: string
  /** The last day of security support for everybody, as `2028-06-30`; left out where none is set. */
  end?: string
  /** The last day of support that is paid for, or by volunteers for some architectures. */
  longerEnd?: string
  /** Who gives that. */
  longer?: string
}

/*
 * Sources, as of 2026: Debian and Ubuntu: Debian's package distro-info-data 0.58 (debian.csv, ubuntu.csv: eol, eol-lts,
 * eol-esm); Alpine: alpinelinux.org/releases; Red Hat: access.redhat.com/support/policy/updates/errata; AlmaLinux:
 * wiki.almalinux.org/release-notes; Rocky Linux: wiki.rockylinux.org/rocky/version; Fedora:
 * fedorapeople.org/groups/schedule; Windows Server: learn.microsoft.com/lifecycle.
 */
export const RELEASES: Release[] = [
  {
    id: 'debian',
    version: '7',
    codename: 'wheezy',
    end: '2016-04-25',
    longerEnd: '2018-05-31',
    longer: 'Debian LTS',
  },
  {
    id: 'debian',
    version: '8',
    codename: 'jessie',
    end: '2018-06-17',
    longerEnd: '2020-06-30',
    longer: 'Debian LTS',
  },
  {
    id: 'debian',
    version: '9',
    codename: 'stretch',
    end: '2020-07-18',
    longerEnd: '2022-06-30',
    longer: 'Debian LTS',
  },
  {
    id: 'debian',
    version: '10',
    codename: 'buster',
    end: '2022-09-10',
    longerEnd: '2024-06-30',
    longer: 'Debian LTS',
  },
  {
    id: 'debian',
    version: '11',
    codename: 'bullseye',
    end: '2024-08-14',
    longerEnd: '2026-08-31',
    longer: 'Debian LTS',
  },
  {
    id: 'debian',
    version: '12',
    codename: 'bookworm',
    end: '2026-07-11',
    longerEnd: '2028-06-30',
    longer: 'Debian LTS',
  },
  {
    id: 'debian',
    version: '13',
    codename: 'trixie',
    end: '2028-08-09',
    longerEnd: '2030-06-30',
    longer: 'Debian LTS',
  },
  { id: 'debian', version: '14', codename: 'forky' },
  { id: 'debian', version: '15', codename: 'duke' },
  {
    id: 'ubuntu',
    version: '14.04',
    codename: 'trusty',
    end: '2019-04-25',
    longerEnd: '2024-04-25',
    longer: 'Ubuntu Pro',
  },
  { id: 'ubuntu', version: '14.10', codename: 'utopic', end: '2015-07-23' },
  { id: 'ubuntu', version: '15.04', codename: 'vivid', end: '2016-02-04' },
  { id: 'ubuntu', version: '15.10', codename: 'wily', end: '2016-07-28' },
  {
    id: 'ubuntu',
    version: '16.04',
    codename: 'xenial',
    end: '2021-04-30',
    longerEnd: '2026-04-23',
    longer: 'Ubuntu Pro',
  },
  { id: 'ubuntu', version: '16.10', codename: 'yakkety', end: '2017-07-20' },
  { id: 'ubuntu', version: '17.04', codename: 'zesty', end: '2018-01-13' },
  { id: 'ubuntu', version: '17.10', codename: 'artful', end: '2018-07-19' },
  {
    id: 'ubuntu',
    version: '18.04',
    codename: 'bionic',
    end: '2023-05-31',
    longerEnd: '2028-04-26',
    longer: 'Ubuntu Pro',
  },
  { id: 'ubuntu', version: '18.10', codename: 'cosmic', end: '2019-07-18' },
  { id: 'ubuntu', version: '19.04', codename: 'disco', end: '2020-01-23' },
  { id: 'ubuntu', version: '19.10', codename: 'eoan', end: '2020-07-17' },
  {
    id: 'ubuntu',
    version: '20.04',
    codename: 'focal',
    end: '2025-05-29',
    longerEnd: '2030-04-23',
    longer: 'Ubuntu Pro',
  },
  { id: 'ubuntu', version: '20.10', codename: 'groovy', end: '2021-07-22' },
  { id: 'ubuntu', version: '21.04', codename: 'hirsute', end: '2022-01-20' },
  { id: 'ubuntu', version: '21.10', codename: 'impish', end: '2022-07-14' },
  {
    id: 'ubuntu',
    version: '22.04',
    codename: 'jammy',
    end: '2027-06-01',
    longerEnd: '2032-04-21',
    longer: 'Ubuntu Pro',
  },
  { id: 'ubuntu', version: '22.10', codename: 'kinetic', end: '2023-07-20' },
  { id: 'ubuntu', version: '23.04', codename: 'lunar', end: '2024-01-25' },
  { id: 'ubuntu', version: '23.10', codename: 'mantic', end: '2024-07-11' },
  {
    id: 'ubuntu',
    version: '24.04',
    codename: 'noble',
    end: '2029-05-31',
    longerEnd: '2034-04-25',
    longer: 'Ubuntu Pro',
  },
  { id: 'ubuntu', version: '24.10', codename: 'oracular', end: '2025-07-10' },
  { id: 'ubuntu', version: '25.04', codename: 'plucky', end: '2026-01-15' },
  { id: 'ubuntu', version: '25.10', codename: 'questing', end: '2026-07-09' },
  {
    id: 'ubuntu',
    version: '26.04',
    codename: 'resolute',
    end: '2031-05-29',
    longerEnd: '2036-04-23',
    longer: 'Ubuntu Pro',
  },
  { id: 'alpine', version: '3.12', end: '2022-05-01' },
  { id: 'alpine', version: '3.13', end: '2022-11-01' },
  { id: 'alpine', version: '3.14', end: '2023-05-01' },
  { id: 'alpine', version: '3.15', end: '2023-11-01' },
  { id: 'alpine', version: '3.16', end: '2024-05-23' },
  { id: 'alpine', version: '3.17', end: '2024-11-22' },
  { id: 'alpine', version: '3.18', end: '2025-05-09' },
  { id: 'alpine', version: '3.19', end: '2025-11-01' },
  { id: 'alpine', version: '3.20', end: '2026-04-01' },
  { id: 'alpine', version: '3.21', end: '2026-11-01' },
  { id: 'alpine', version: '3.22', end: '2027-05-01' },
  { id: 'alpine', version: '3.23', end: '2027-11-01' },
  {
    id: 'rhel',
    version: '6',
    end: '2020-11-30',
    longerEnd: '2024-06-30',
    longer: 'Extended Life Cycle Support',
  },
  {
    id: 'rhel',
    version: '7',
    end: '2024-06-30',
    longerEnd: '2028-06-30',
    longer: 'Extended Life Cycle Support',
  },
  {
    id: 'rhel',
    version: '8',
    end: '2029-05-31',
    longerEnd: '2032-05-31',
    longer: 'Extended Life Cycle Support',
  },
  {
    id: 'rhel',
    version: '9',
    end: '2032-05-31',
    longerEnd: '2035-05-31',
    longer: 'Extended Life Cycle Support',
  },
  { id: 'rhel', version: '10', end: '2035-05-31' },
  { id: 'almalinux', version: '8', end: '2029-03-01' },
  { id: 'almalinux', version: '9', end: '2032-05-31' },
  { id: 'almalinux', version: '10', end: '2035-05-31' },
  { id: 'rocky', version: '8', end: '2029-05-31' },
  { id: 'rocky', version: '9', end: '2032-05-31' },
  { id: 'rocky', version: '10', end: '2035-05-31' },
  { id: 'fedora', version: '36', end: '2023-05-16' },
  { id: 'fedora', version: '37', end: '2023-12-05' },
  { id: 'fedora', version: '38', end: '2024-05-21' },
  { id: 'fedora', version: '39', end: '2024-11-26' },
  { id: 'fedora', version: '40', end: '2025-05-13' },
  { id: 'fedora', version: '41', end: '2025-12-15' },
  { id: 'fedora', version: '42', end: '2026-05-13' },
  { id: 'fedora', version: '43', end: '2026-12-09' },
  {
    id: 'windows',
    version: '6.3.9600',
    codename: '2012 R2',
    end: '2023-10-10',
    longerEnd: '2026-10-13',
    longer: 'Extended Security Updates',
  },
  {
    id: 'windows',
    version: '10.0.14393',
    codename: '2016',
    end: '2027-01-12',
    longerEnd: '2030-01-12',
    longer: 'Extended Security Updates',
  },
  { id: 'windows', version: '10.0.17763', codename: '2019', end: '2029-01-09' },
  { id: 'windows', version: '10.0.20348', codename: '2022', end: '2031-10-14' },
  { id: 'windows', version: '10.0.25398', codename: '23H2', end: '2025-10-24' },
  { id: 'windows', version: '10.0.26100', codename: '2025', end: '2034-10-10' },
]

/** The number of a Debian release by its codename: `12` for `bookworm`. */
export function debianRelease(codename: string): string | undefined {
  return RELEASES.find((one) => one.id === 'debian' && one.codename === codename)?.version
}
