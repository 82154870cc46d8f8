import type { CommonOptions, NetworkOptions } from '../../session/options.js'

export interface LoginRequest extends CommonOptions, Omit<NetworkOptions, 'login'> {
  /** host[:port], or a URL of it; default: Docker Hub. */
  registry?: string | undefined
  /** As the registry knows it. */
  username: string
  /** Or the token that stands for it. */
  password: string
}

export interface LoginResult {
  /** host[:port]; `docker.io` for Docker Hub. */
  registry: string
  /** Who is logged in now. */
  username: string
  /** docker's config.json. */
  file: string
  /** The helper that stores them, `pass` for docker-credential-pass; left out if they are in the file. */
  helper?: string
  /** Whether the registry has checked them; one that does not ask for credentials has not. */
  checked: boolean
}

export interface LogoutRequest extends CommonOptions {
  /** host[:port], or a URL of it; default: Docker Hub. */
  registry?: string | undefined
}

export interface LogoutResult {
  /** host[:port]; `docker.io` for Docker Hub. */
  registry: string
  /** Whether there were credentials. */
  removed: boolean
  /** Other programs' files that still have some for this registry, and are used. */
  remaining: string[]
}
