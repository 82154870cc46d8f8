/** A column of a table: what it contains, and how wide it is; the last one takes what is left. */
interface Column {
  label: string
  /** A property, or a script in braces. */
  from: string
  width?: number
  isRight?: boolean
}

const size: Column = { label: 'Size', from: sizeScript('Size'), width: 10, isRight: true }

/** Bytes in powers of ten, as the command line prints them. A view cannot see the module's functions. */
function sizeScript(property: string): string {
  const text = (unit: string, by: string): string =>
    `[string]::Format([Globalization.CultureInfo]::InvariantCulture, '{0:0.00} ${unit}', $b / ${by})`
  return `{ $b = [double]$_.${property}; if ($b -ge 1e9) { ${text('GB', '1e9')} } elseif ($b -ge 1e6) { ${text('MB', '1e6')} } elseif ($b -ge 1e3) { ${text('kB', '1e3')} } else { "$b B" } }`
}

const name = (width = 30): Column => ({ label: 'Name', from: 'Name', width })
const version: Column = { label: 'Version', from: 'Version', width: 18 }

/** The default table of each type, after `ContainerImage.`; those of the original look as they did there. */
const VIEWS: Record<string, Column[]> = {
  FoundImage: [
    name(),
    version,
    { label: 'Source', from: 'Source', width: 20 },
    { label: 'Summary', from: 'Summary' },
  ],
  StoredImage: [
    name(24),
    { label: 'Publisher', from: 'Publisher', width: 16 },
    version,
    { label: 'IsOSImage', from: 'IsOSImage', width: 10 },
    { label: 'Tag', from: 'Tag', width: 18 },
    size,
  ],
  SavedImage: [name(24), version, size, { label: 'Path', from: 'Path' }],
  InstalledImage: [name(24), version, size, { label: 'Tags', from: "{ $_.Tags -join ', ' }" }],
  UninstalledImage: [name(24), version, { label: 'Tags', from: "{ $_.Tags -join ', ' }" }],
  Verification: [
    { label: 'Ok', from: 'Ok', width: 6 },
    { label: 'Blobs', from: 'Blobs', width: 8, isRight: true },
    { label: 'Bytes', from: sizeScript('Bytes'), width: 10, isRight: true },
    { label: 'Problems', from: "{ ($_.Problems | ForEach-Object { $_.Message }) -join '; ' }" },
  ],
  SearchHit: [
    name(40),
    { label: 'Source', from: 'Source', width: 20 },
    { label: 'Description', from: 'Description' },
  ],
  PushedImage: [name(24), version, size, { label: 'Reference', from: 'Reference' }],
  LoadedImage: [
    name(24),
    version,
    { label: 'Platform', from: 'Platform', width: 32 },
    { label: 'Tags', from: "{ $_.Tags -join ', ' }" },
  ],
  Tag: [
    { label: 'Tag', from: 'Tag', width: 40 },
    { label: 'Digest', from: 'Digest' },
  ],
  HistoryStep: [
    { label: 'Created', from: 'Created', width: 22 },
    size,
    { label: 'CreatedBy', from: 'CreatedBy' },
  ],
  RemovedBlob: [size, { label: 'Digest', from: 'Digest' }],
  Source: [name(24), { label: 'Type', from: 'Type', width: 10 }, { label: 'Location', from: 'Location' }],
  Setting: [
    { label: 'Key', from: 'Key', width: 32 },
    { label: 'Value', from: 'Value' },
  ],
  Server: [
    { label: 'Id', from: 'Id', width: 8, isRight: true },
    { label: 'Url', from: 'Url', width: 32 },
    { label: 'Path', from: 'Path' },
  ],
}

/** ContainerImage.Format.ps1xml. */
export function formatText(): string {
  const views = Object.entries(VIEWS).map(([type, columns]) => viewText(type, columns))
  return `<?xml version="1.0" encoding="utf-8"?>
<Configuration>
  <ViewDefinitions>
${views.join('\n')}
  </ViewDefinitions>
</Configuration>
`
}

function viewText(type: string, columns: Column[]): string {
  return `    <View>
      <Name>ContainerImage.${type}</Name>
      <ViewSelectedBy><TypeName>ContainerImage.${type}</TypeName></ViewSelectedBy>
      <TableControl>
        <TableHeaders>
${columns.map(headerText).join('\n')}
        </TableHeaders>
        <TableRowEntries>
          <TableRowEntry>
            <TableColumnItems>
${columns.map(itemText).join('\n')}
            </TableColumnItems>
          </TableRowEntry>
        </TableRowEntries>
      </TableControl>
    </View>`
}

function headerText({ label, width, isRight }: Column): string {
  const facts = [
    `<Label>${label}</Label>`,
    ...(width === undefined ? [] : [`<Width>${width}</Width>`]),
    ...(isRight ? ['<Alignment>Right</Alignment>'] : []),
  ]
  return `          <TableColumnHeader>${facts.join('')}</TableColumnHeader>`
}

function itemText({ from }: Column): string {
  const script = /^\{ (.*) \}$/.exec(from)?.[1]
  const what =
    script === undefined
      ? `<PropertyName>${from}</PropertyName>`
      : `<ScriptBlock>${script.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</ScriptBlock>`
  return `              <TableColumnItem>${what}</TableColumnItem>`
}
