export type Compression = 'none' | 'XPRESS' | 'LZX' | 'LZMS'
