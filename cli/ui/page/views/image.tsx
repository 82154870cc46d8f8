import { useState } from 'preact/hooks'
import { factsOf } from '../../../../provider/shown/index.js'
import type { ImageDetail } from '../../protocol/actions.js'
import { useAbout } from '../parts/about.js'
import { CommandBox } from '../parts/command-box.js'
import { FailureBox } from '../parts/failure.js'
import { ConfigFacts, Facts, ShortTable } from '../parts/shown.js'
import { Tabs } from '../parts/tabs.js'
import { useAnswer } from '../parts/use-answer.js'
import { day, size } from '../state/amounts.js'
import { put, useBasket } from '../state/basket.js'
import { hrefOf } from '../state/route.js'
import { type Key, t } from '../words/words.js'
import { NameDialog, UninstallDialog } from './image-dialogs.js'
import { FilesTab } from './image-files.js'
import { LayersTab } from './image-layers.js'
import { PackagesTab } from './image-packages.js'
import { VulnerabilitiesTab } from './image-vulnerabilities.js'
import { LoadDialog } from './load-dialog.js'

const TABS = [
  'overview',
  'layers',
  'config',
  'files',
  'packages',
  'vulnerabilities',
  'artifacts',
  'receipts',
] as const satisfies Key[]

/** Everything that is known about one image. */
export function ImageView({ name }: { name: string }) {
  const image = useAnswer('image', { name })
  const [tab, setTab] = useState<(typeof TABS)[number]>('overview')
  const { answer } = image
  return (
    <div class="view">
      <p>
        <a href={hrefOf('images')}>← {t('back')}</a>
      </p>
      <div class="head">
        <h1>
          <bdi>{name}</bdi>
        </h1>
        <span class="grows" />
        {answer && <Doings name={name} again={image.again} />}
      </div>
      {image.failure && <FailureBox failure={image.failure} again={image.again} />}
      {image.isLoading && !answer && <p role="status">{t('loading')}</p>}
      {answer && (
        <Tabs
          label={t('details')}
          tabs={TABS.map((one) => [one, t(one)])}
          chosen={tab}
          onChoose={(one) => setTab(one as typeof tab)}
        >
          <Panel tab={tab} name={name} image={answer} />
        </Tabs>
      )}
    </div>
  )
}

function Doings({ name, again }: { name: string; again(): void }) {
  const { allowsChanges } = useAbout()
  const [basket] = useBasket()
  const [dialog, open] = useState<'name' | 'load' | 'uninstall'>()
  const isThere = basket.some((one) => one.name === name)
  const close = (): void => open(undefined)
  return (
    <>
      <a class="button quiet" href={hrefOf('compare', { a: name })}>
        {t('compareThis')}
      </a>
      <button type="button" class="quiet" disabled={isThere} onClick={() => put({ name, source: 'store' })}>
        {isThere ? t('added') : t('saveThis')}
      </button>
      {allowsChanges && (
        <>
          <button type="button" class="quiet" onClick={() => open('name')}>
            {t('addTag')}
          </button>
          <button type="button" class="quiet" onClick={() => open('load')}>
            {t('loadInto')}
          </button>
          <button type="button" class="quiet danger" onClick={() => open('uninstall')}>
            {t('uninstall')}
          </button>
        </>
      )}
      {dialog === 'name' && <NameDialog name={name} onClose={close} onDone={again} />}
      {dialog === 'load' && <LoadDialog name={name} onClose={close} />}
      {dialog === 'uninstall' && <UninstallDialog name={name} onClose={close} />}
    </>
  )
}

/** Views that this program may lack. */
function isMissing(tab: string, inside: string[]): boolean {
  return ['files', 'packages', 'vulnerabilities'].includes(tab) && !inside.includes(tab)
}

function Panel({ tab, name, image }: { tab: (typeof TABS)[number]; name: string; image: ImageDetail }) {
  const { inside } = useAbout()
  if (isMissing(tab, inside)) return <NotAvailable />
  if (tab === 'overview') return <Overview name={name} image={image} />
  if (tab === 'layers') return <LayersTab name={name} image={image} />
  if (tab === 'config') return <ConfigTab config={image.config} />
  if (tab === 'artifacts') return <ArtifactsTab image={image} />
  if (tab === 'receipts') return <ReceiptsTab digest={image.digest} />
  if (tab === 'files') return <FilesTab name={name} />
  if (tab === 'packages') return <PackagesTab name={name} />
  return <VulnerabilitiesTab name={name} />
}

function ConfigTab({ config }: Pick<ImageDetail, 'config'>) {
  return config === undefined ? <p class="empty">{t('noConfig')}</p> : <ConfigFacts config={config} />
}

function Overview({ name, image }: { name: string; image: ImageDetail }) {
  const { layers, base } = factsOf(image.manifest, image.config)
  return (
    <>
      <Facts
        facts={[
          [t('names'), image.tags.join(', ') || t('none')],
          [t('platform'), image.platform || '–'],
          [t('created'), day(image.created)],
          [t('size'), size(image.size)],
          [t('layers'), String(layers.length)],
          [t('base'), base],
          [t('digest'), <code key="digest">{image.digest}</code>],
          [t('id'), <code key="id">{image.id}</code>],
          [t('mediaType'), image.mediaType],
          [t('original'), image.original && <code>{image.original}</code>],
          [t('reference'), image.reference],
        ]}
      />
      <CommandBox action="image" request={{ name }} />
    </>
  )
}

function ArtifactsTab({ image }: { image: ImageDetail }) {
  const { artifacts = [], attestations = [], signatures = [], refusal } = image
  const attested = attestations.flatMap(({ digest, predicates }) =>
    predicates.map((artifactType) => ({ kind: t('attested'), artifactType, digest })),
  )
  const all = [...artifacts, ...attested]
  if (all.length === 0 && signatures.length === 0 && !refusal) return <p class="empty">{t('noArtifacts')}</p>
  return (
    <>
      {refusal && <p role="alert">{refusal.message}</p>}
      {signatures.length > 0 && (
        <ShortTable
          label={t('signatures')}
          heads={[t('signer'), t('says'), t('verdict'), t('why')]}
          rows={signatures.map(({ signer = '–', kind = '', predicateType, verdict, reason = '' }) => [
            signer,
            predicateType ?? kind,
            t(verdict),
            reason,
          ])}
        />
      )}
      {all.length > 0 && (
        <ShortTable
          label={t('artifacts')}
          heads={[t('kind'), t('mediaType'), t('digest')]}
          rows={all.map(({ kind, artifactType = '', digest }) => [
            kind,
            artifactType,
            <code key="digest">{digest}</code>,
          ])}
        />
      )}
    </>
  )
}

function ReceiptsTab({ digest }: { digest: string }) {
  const { answer = [], failure, isLoading, again } = useAnswer('receipts', {})
  const rows = answer.flatMap((receipt) =>
    receipt.images.filter((image) => image.digest === digest).map((image) => ({ receipt, image })),
  )
  if (failure) return <FailureBox failure={failure} again={again} />
  if (isLoading) return <p role="status">{t('loading')}</p>
  return (
    <>
      {rows.length === 0 ? (
        <p class="empty">{t('noReceipts')}</p>
      ) : (
        <ShortTable
          label={t('receipts')}
          heads={[t('time'), t('outcome'), t('from'), t('host')]}
          rows={rows.map(({ receipt, image }) => [
            day(receipt.time),
            image.outcome,
            receipt.from.join(', '),
            receipt.host ?? '–',
          ])}
        />
      )}
      <CommandBox action="receipts" request={{}} />
    </>
  )
}

function NotAvailable() {
  return (
    <div class="empty">
      <p>{t('notAvailable')}</p>
      <p class="faint">{t('notAvailableWhy')}</p>
    </div>
  )
}
