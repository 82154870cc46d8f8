/** How the components look, and what is around them: light or dark as the reader's system is, also on a narrow screen. */
export const SHOWN_STYLE = `
:root {
  color-scheme: light dark;
  --back: #f6f7f9;
  --sheet: #ffffff;
  --raised: #eef1f5;
  --line: #d5dae1;
  --text: #1a2230;
  --faint: #566173;
  --accent: #1f5fbf;
  --on-accent: #ffffff;
  --good: #14663a;
  --good-back: #e2f4e9;
  --bad: #a3201a;
  --bad-back: #fdebe9;
  --mark: #e4eefc;
  --radius: 8px;
  font:
    15px / 1.45 system-ui,
    -apple-system,
    "Segoe UI",
    Roboto,
    "Noto Sans",
    "Noto Sans KR",
    "Malgun Gothic",
    sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #12161c;
    --sheet: #1a2028;
    --raised: #242c37;
    --line: #343e4b;
    --text: #e6eaf0;
    --faint: #a3afbf;
    --accent: #82b1ff;
    --on-accent: #0b1830;
    --good: #7fd9a2;
    --good-back: #16331f;
    --bad: #ff9d94;
    --bad-back: #431c1a;
    --mark: #203251;
  }
}
*,
::before,
::after {
  box-sizing: border-box;
}
body {
  background: var(--back);
  color: var(--text);
  overflow-wrap: break-word;
}
h1 {
  font-size: 1.45rem;
  line-height: 1.25;
  margin: 0;
}
h2 {
  font-size: 1.1rem;
  margin: 1.4rem 0 0.5rem;
}
p {
  margin: 0.4rem 0;
}
a {
  color: var(--accent);
  text-underline-offset: 0.15em;
}
code,
bdi {
  overflow-wrap: anywhere;
}
code {
  font:
    0.9em / 1.4 ui-monospace,
    "SF Mono",
    Consolas,
    "DejaVu Sans Mono",
    monospace;
}
small {
  font-size: 0.85em;
}
.faint,
small {
  color: var(--faint);
}
.badge {
  display: inline-block;
  padding: 0.05rem 0.5rem;
  margin-inline-end: 0.3rem;
  border-radius: 1rem;
  background: var(--raised);
  color: var(--text);
  font-size: 0.82em;
  white-space: nowrap;
}
td .badge:not(:first-child) {
  margin-inline-start: 0.4rem;
}
.badge.good,
.badge.shared {
  background: var(--good-back);
  color: var(--good);
}
.badge.bad {
  background: var(--bad-back);
  color: var(--bad);
}
.badge.engine,
.badge.onlyA {
  background: var(--mark);
  color: var(--text);
}
.box {
  padding: 0.6rem 0.9rem;
  border: 1px solid var(--line);
  border-inline-start: 4px solid var(--accent);
  border-radius: var(--radius);
  background: var(--sheet);
}
.box.good {
  border-inline-start-color: var(--good);
}
.box.bad {
  border-inline-start-color: var(--bad);
}
.box.bad strong {
  color: var(--bad);
}
.command {
  display: flex;
  align-items: flex-start;
  gap: 0.6rem;
  padding: 0.5rem 0.6rem;
  background: var(--raised);
  border-radius: var(--radius);
}
.command code {
  flex: 1;
  overflow-x: auto;
  white-space: pre-wrap;
  padding: 0.3rem;
}
.command code::before {
  content: "$ ";
  color: var(--faint);
}
table {
  border-collapse: collapse;
  width: 100%;
}
th {
  text-align: start;
  font-weight: 600;
  font-size: 0.88em;
  color: var(--faint);
}
td,
th {
  padding: 0.35rem 0.75rem;
}
.number {
  text-align: end;
  font-variant-numeric: tabular-nums;
}
.short {
  background: var(--sheet);
  border: 1px solid var(--line);
  border-radius: var(--radius);
  border-collapse: separate;
  border-spacing: 0;
}
.short td {
  border-top: 1px solid var(--line);
  vertical-align: top;
}
.short .step {
  display: block;
  max-width: 70ch;
  white-space: pre-wrap;
}
.box .short {
  border: 0;
}
.short .below {
  display: block;
  overflow-wrap: anywhere;
}
.sized {
  display: flex;
  align-items: center;
  justify-content: flex-end;
  gap: 0.6rem;
  white-space: nowrap;
}
meter {
  width: 6rem;
  height: 0.7rem;
}
.lines {
  list-style: none;
  margin: 0;
  padding: 0;
}
.facts {
  margin: 0;
  background: var(--sheet);
  border: 1px solid var(--line);
  border-radius: var(--radius);
}
.facts > div {
  display: grid;
  grid-template-columns: minmax(8rem, 14rem) 1fr;
  gap: 0.2rem 1rem;
  padding: 0.5rem 0.9rem;
}
.facts > div + div {
  border-top: 1px solid var(--line);
}
.facts dt {
  color: var(--faint);
}
.facts dd {
  margin: 0;
  min-width: 0;
}
@media (max-width: 640px) {
  .facts > div {
    grid-template-columns: 1fr;
  }
  .short thead {
    position: absolute;
    clip-path: inset(50%);
    width: 1px;
    height: 1px;
    overflow: hidden;
  }
  .short tr {
    display: block;
    border-top: 1px solid var(--line);
    padding: 0.4rem 0;
  }
  .short tbody tr:first-child {
    border-top: 0;
  }
  .short td {
    display: block;
    border: 0;
    padding: 0.1rem 0.75rem;
    overflow-wrap: anywhere;
  }
  .short .number {
    text-align: start;
  }
  .short td:not(:empty)::before {
    content: attr(data-head);
    display: block;
    font-size: 0.8em;
    color: var(--faint);
  }
  .sized {
    justify-content: flex-start;
  }
  td,
  th {
    padding-inline: 0.6rem;
  }
}
`
