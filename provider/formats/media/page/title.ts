/** Also recognises the page, if it is the only list of a media that is left. */
export const TITLE = 'Images on this media'
