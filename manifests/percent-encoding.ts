/** Text from outside as a part of a URL. Half of a character, for which there are no bytes, becomes the mark that stands for it. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd'))
}
