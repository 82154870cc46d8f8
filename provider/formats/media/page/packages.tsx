/** @jsxRuntime classic */
/** @jsx element */
/** @jsxFrag Pieces */
import { createHash } from 'node:crypto'
import { element, Pieces } from '../../../shown/element.js'
import { packageColumns } from '../../../shown/packages.js'
import { Table } from '../../../shown/table.js'

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

/** The packages of all SBOMs, and the only script of the page. */
export function Packages({ sboms }: { sboms: readonly PageSbom[] }) {
  return (
    <>
      <h2>Packages</h2>
      <p>As the SBOMs on this media list them (CycloneDX).</p>
      {sboms.map((sbom, number) => (
        <Sbom key={sbom.file} sbom={sbom} id={`packages-${number}`} />
      ))}
      <script>{FILTER}</script>
    </>
  )
}

function Sbom({ sbom: { file, packages }, id }: { sbom: PageSbom; id: string }) {
  return (
    <details open>
      <summary>
        {packages.length} packages in {file}
      </summary>
      <p hidden>
        <label for={`filter-${id}`}>Filter</label> <input type="search" id={`filter-${id}`} data-rows={id} />{' '}
        <span class="faint" role="status"></span>
      </p>
      <Table id={id} label={`Packages in ${file}`} columns={packageColumns<PagePackage>()} rows={packages} />
    </details>
  )
}
