/** The look of the page: light or dark like the reader's system, for paper, and for the width of a phone. */
export const STYLE = `
:root{color-scheme:light dark;--back:#fff;--text:#1b1f24;--soft:#57606a;--line:#d0d7de;--panel:#f6f8fa;--strong:#0b5cad}
@media(prefers-color-scheme:dark){:root{--back:#0e1116;--text:#e6edf3;--soft:#9aa5b1;--line:#30363d;--panel:#161b22;--strong:#6cb6ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:64rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.6rem;margin:0 0 .25rem}
h2{font-size:1.25rem;margin:2.25rem 0 .75rem}
h3{font-size:1.05rem;margin:0;overflow-wrap:anywhere}
p{margin:.25rem 0 .75rem}
.soft{color:var(--soft)}
code,pre,.code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875em;overflow-wrap:anywhere}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.75rem;margin:.5rem 0;white-space:pre-wrap}
article{border:1px solid var(--line);border-radius:8px;padding:1rem;margin:0 0 1rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.75rem 0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th{text-align:left;overflow-wrap:normal;color:var(--soft);font-weight:600}
th,td{border-top:1px solid var(--line);padding:.3rem .75rem .3rem 0;vertical-align:top;}
td{overflow-wrap:anywhere}
th.n,td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
input{font:inherit;color:inherit;background:var(--back);border:1px solid var(--line);border-radius:6px;padding:.25rem .5rem;max-width:100%}
summary{cursor:pointer;color:var(--strong);margin:.5rem 0}
@media(max-width:40rem){
dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .5rem}
thead{display:none}tr{display:block;border-top:1px solid var(--line);padding:.4rem 0}
td{display:block;border:0;padding:0}td.n{text-align:left}td[data-head]::before{content:attr(data-head) ": ";color:var(--soft)}
}
@media print{
:root{--back:#fff;--text:#000;--soft:#444;--line:#999;--panel:#fff;--strong:#000}
main{max-width:none;padding:0}article,tr{break-inside:avoid}input{display:none}
}
`
