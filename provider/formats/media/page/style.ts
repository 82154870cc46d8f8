import { SHOWN_STYLE } from '../../../shown/style.js'

/** What the page of a media has beside the components: one column, and a form for paper. */
const OWN = `
body {
  margin: 0;
}
main {
  max-width: 72rem;
  margin: 0 auto;
  padding: 1.5rem 1rem 3rem;
}
h2 {
  margin: 2.25rem 0 0.75rem;
}
h3 {
  font-size: 1.05rem;
  margin: 0 0 0.75rem;
  overflow-wrap: anywhere;
}
article {
  border: 1px solid var(--line);
  border-radius: var(--radius);
  padding: 1rem;
  margin: 0 0 1rem;
}
.short td {
  overflow-wrap: anywhere;
}
.short th,
.short .number {
  overflow-wrap: normal;
}
.short + .short,
.command + .command {
  margin-top: 0.5rem;
}
input {
  font: inherit;
  color: inherit;
  background: var(--sheet);
  border: 1px solid var(--faint);
  border-radius: 6px;
  padding: 0.25rem 0.5rem;
  max-width: 100%;
}
summary {
  cursor: pointer;
  color: var(--accent);
  margin: 0.75rem 0 0.5rem;
}
@media print {
  :root {
    --back: #fff;
    --sheet: #fff;
    --raised: #fff;
    --text: #000;
    --faint: #444;
    --line: #999;
    --accent: #000;
  }
  main {
    max-width: none;
    padding: 0;
  }
  tr {
    break-inside: avoid;
  }
  input,
  meter {
    display: none;
  }
}
`

export const STYLE = `${SHOWN_STYLE}${OWN}`
