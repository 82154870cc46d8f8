import { useId, useState } from 'preact/hooks'
import type { SiteStatus, StatusRequest } from '../../protocol/actions.js'
import { CommandBox } from '../parts/command-box.js'
import { FailureBox } from '../parts/failure.js'
import { PathField } from '../parts/path-field.js'
import { useAnswer } from '../parts/use-answer.js'
import { day } from '../state/amounts.js'
import { type Key, t } from '../words/words.js'

type Host = SiteStatus['hosts'][number]
type State = Host['images'][number]['state']

const STATES: Record<State, [Key, string]> = {
  delivered: ['delivered', 'good'],
  refused: ['refused', 'bad'],
  'not yet': ['notYet', ''],
}

/** What was sent, and which hosts have it. */
export function SiteView() {
  const [path, setPath] = useState('')
  const [receipts, setReceipts] = useState('')
  const [asked, setAsked] = useState<StatusRequest>()
  const { answer, failure, isLoading, again } = useAnswer('status', asked)
  const id = useId()
  const show = (event: Event): void => {
    event.preventDefault()
    const lines = receipts.split('\n').map((line) => line.trim())
    const paths = lines.filter(Boolean)
    setAsked({ path, receipts: paths.length > 0 ? paths : undefined })
    if (asked) again()
  }
  return (
    <div class="view">
      <h1>{t('site')}</h1>
      <p class="faint">{t('siteHelp')}</p>
      <form class="stacked" onSubmit={show}>
        <PathField label={t('mediaPath')} help={t('mediaPathHelp')} value={path} onChange={setPath} />
        <div class="field">
          <label for={id}>{t('receiptPaths')}</label>
          <textarea
            id={id}
            rows={2}
            value={receipts}
            spellcheck={false}
            aria-describedby={`${id}-help`}
            onInput={(event) => setReceipts(event.currentTarget.value)}
          />
          <small id={`${id}-help`}>{t('receiptPathsHelp')}</small>
        </div>
        <p class="buttons">
          <button type="submit" disabled={path === ''}>
            {t('show')}
          </button>
        </p>
      </form>
      {failure && <FailureBox failure={failure} again={again} />}
      {asked && isLoading && <p role="status">{t('loading')}</p>}
      {answer && <Status status={answer} />}
      {asked && <CommandBox action="status" request={asked} />}
    </div>
  )
}

function Status({ status: { images, hosts } }: { status: SiteStatus }) {
  return (
    <>
      <p role="status">{t('sent', { n: images.length })}</p>
      {hosts.length === 0 && <p class="empty">{t('noHosts')}</p>}
      {hosts.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard has to be able to scroll it
        <section class="sideways" aria-label={t('site')} tabIndex={0}>
          <table class="matrix">
            <thead>
              <tr>
                <th scope="col">{t('host')}</th>
                <th scope="col">{t('lastReceipt')}</th>
                {images.map(({ name, version, digest, platform }) => (
                  <th key={digest + name} scope="col">
                    <bdi>{name}</bdi> {version}
                    <small>{platform}</small>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {hosts.map((host) => (
                <tr key={host.store}>
                  <th scope="row" title={host.store}>
                    <bdi>{host.host ?? host.store.slice(0, 12)}</bdi>
                  </th>
                  <td>{day(host.last)}</td>
                  {images.map(({ digest, name }) => (
                    <td key={digest + name}>
                      <StateBadge host={host} digest={digest} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  )
}

function StateBadge({ host, digest }: { host: Host; digest: string }) {
  const found = host.images.find((image) => image.digest === digest)
  const [key, colour] = STATES[found?.state ?? 'not yet']
  return (
    <span class={`badge ${colour}`} title={found?.time && day(found.time)}>
      {t(key)}
    </span>
  )
}
