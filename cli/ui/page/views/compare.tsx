import { useState } from 'preact/hooks'
import { factsOf } from '../../../../provider/shown/index.js'
import type { ImageDetail } from '../../protocol/actions.js'
import { FailureBox } from '../parts/failure.js'
import { TextField } from '../parts/field.js'
import { Lines, ShortTable } from '../parts/shown.js'
import { useAnswer } from '../parts/use-answer.js'
import { short, size } from '../state/amounts.js'
import { go } from '../state/route.js'
import { t } from '../words/words.js'
import { differences, layerPairs } from './differences.js'
import { nameOfRow } from './image-rows.js'
import { InsideDiff } from './inside-diff.js'

/** How many names are offered; a list of all would be no help. */
const OFFERED = 500

/** Two images side by side. */
export function CompareView(props: { a: string; b: string }) {
  const [names, setNames] = useState({ a: props.a, b: props.b })
  const stored = useAnswer('images', {})
  const a = useAnswer('image', props.a === '' ? undefined : { name: props.a })
  const b = useAnswer('image', props.b === '' ? undefined : { name: props.b })
  const offered = (stored.answer ?? []).slice(0, OFFERED).map(nameOfRow)
  const compare = (event: Event): void => {
    event.preventDefault()
    go('compare', names)
  }
  return (
    <div class="view">
      <h1>{t('compare')}</h1>
      <form class="filters even" onSubmit={compare}>
        <TextField
          label={t('imageA')}
          help={t('imageHelp')}
          value={names.a}
          list={offered}
          onChange={(one) => setNames({ ...names, a: one })}
        />
        <TextField
          label={t('imageB')}
          help={t('imageHelp')}
          value={names.b}
          list={offered}
          onChange={(one) => setNames({ ...names, b: one })}
        />
        <button type="submit" disabled={names.a === '' || names.b === ''}>
          {t('compare')}
        </button>
      </form>
      {(props.a === '' || props.b === '') && <p class="empty">{t('selectForCompare')}</p>}
      {[a, b].map((one, i) =>
        one.failure ? <FailureBox key={i} failure={one.failure} again={one.again} /> : undefined,
      )}
      {(a.isLoading || b.isLoading) && <p role="status">{t('loading')}</p>}
      {a.answer && b.answer && props.b !== '' && (
        <Compared a={a.answer} b={b.answer} first={props.a} second={props.b} />
      )}
    </div>
  )
}

function Compared(props: { a: ImageDetail; b: ImageDetail; first: string; second: string }) {
  const { a, b, first, second } = props
  const [ofA, ofB] = [factsOf(a.manifest, a.config), factsOf(b.manifest, b.config)]
  const pairs = layerPairs(ofA, ofB)
  const shared = pairs.filter(({ where }) => where === 'shared')
  const bytes = shared.reduce((sum, { layer }) => sum + layer.size, 0)
  const differing = differences(ofA.settings, ofB.settings)
  return (
    <>
      <ShortTable
        label={t('overview')}
        heads={[t('setting'), t('imageA'), t('imageB')]}
        rows={[
          [t('name'), a.name, b.name],
          [t('platform'), a.platform, b.platform],
          [t('size'), size(a.size), size(b.size)],
          [t('digest'), <code key="a">{short(a.digest)}</code>, <code key="b">{short(b.digest)}</code>],
        ]}
      />
      <h2>{t('layers')}</h2>
      <p>{t('sharedSummary', { n: shared.length, all: pairs.length, size: size(bytes) })}</p>
      <ShortTable
        label={t('layers')}
        heads={[t('layer'), t('size'), t('where')]}
        rows={pairs.map(({ layer, where }) => [
          <code key="layer" title={layer.digest}>
            {short(layer.digest)}
          </code>,
          size(layer.size),
          <span key="where" class={`badge ${where}`}>
            {t(where)}
          </span>,
        ])}
      />
      <h2>{t('configDiff')}</h2>
      {differing.length === 0 && <p class="faint">{t('sameConfig')}</p>}
      {differing.length > 0 && (
        <ShortTable
          label={t('configDiff')}
          heads={[t('setting'), t('imageA'), t('imageB')]}
          rows={differing.map((one) => [
            t(one.setting),
            <Lines key="a" lines={one.a} />,
            <Lines key="b" lines={one.b} />,
          ])}
        />
      )}
      <InsideDiff first={first} second={second} />
    </>
  )
}
