import { createHash } from 'node:crypto'
import { Html, html } from './escape.js'

/** What one SBOM of the media lists. */
export interface PageSbom {
  /** Its file on the media. */
  file: string
  packages: PagePackage[]
}

export interface PagePackage {
  name: string
  version: string
  /** `deb`, `npm`; empty if the SBOM does not say. */
  kind: string
  licence: string
}

/**
 * Shows the filter field, which does nothing without the script, and then only the rows that contain its
 * text. Without the script all rows are there.
 */
const FILTER = `for(const field of document.querySelectorAll('input[data-rows]')){
const rows=[...document.getElementById(field.dataset.rows).tBodies[0].rows]
const shown=field.nextElementSibling
const filter=()=>{const word=field.value.trim().toLowerCase();let count=0
for(const row of rows){row.hidden=!row.textContent.toLowerCase().includes(word);if(!row.hidden)count++}
shown.textContent=count+' of '+rows.length}
field.parentElement.hidden=false;field.addEventListener('input',filter);filter()}`

/** For the policy of the page: only this script may run. */
export const FILTER_POLICY = `'sha256-${createHash('sha256').update(FILTER).digest('base64')}'`

/** The packages of all SBOMs, and the only script of the page; nothing if there are none. */
export function packagesSection(sboms: readonly PageSbom[]): Html {
  if (sboms.length === 0) return new Html('')
  return html`<h2>Packages</h2>
<p>As the SBOMs on this media list them (CycloneDX).</p>
${sboms.map(sbomTable)}
<script>${new Html(FILTER)}</script>
`
}

function sbomTable({ file, packages }: PageSbom, number: number): Html {
  const id = `packages-${number}`
  return html`<details open><summary>${packages.length} packages in ${file}</summary>
<p hidden><label for="filter-${id}">Filter</label> <input type="search" id="filter-${id}" data-rows="${id}"> <span class="soft" role="status"></span></p>
<table id="${id}">
<thead><tr><th>Package</th><th>Version</th><th>Kind</th><th>Licence</th></tr></thead>
<tbody>
${packages.map(packageRow)}</tbody>
</table>
</details>
`
}

function packageRow({ name, version, kind, licence }: PagePackage): Html {
  return html`<tr><td data-head="Package">${name}</td><td data-head="Version">${version}</td><td data-head="Kind">${kind}</td><td data-head="Licence">${licence}</td></tr>
`
}
