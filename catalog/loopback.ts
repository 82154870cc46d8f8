/**
 * Whether a URL's host is this machine by its form alone, so that nobody on the way can read or change the
 * data: `localhost`, 127.0.0.0/8 and ::1. Other names are not looked up: an answer could lie.
 */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase()
  return host === 'localhost' || host === '[::1]' || host === '::1' || /^127(?:\.[0-9]{1,3}){3}$/.test(host)
}
