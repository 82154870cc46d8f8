import type { ImageDetail } from '../../protocol/actions.js'
import { CommandBox } from '../parts/command-box.js'
import { FailureBox } from '../parts/failure.js'
import { ShortTable } from '../parts/short-table.js'
import { useAnswer } from '../parts/use-answer.js'
import { day, short, size } from '../state/amounts.js'
import { t } from '../words/words.js'
import { factsOf, stepsWithLayers } from './image-facts.js'

/** Each step beside the layer that it made, the newest first. */
export function LayersTab({ name, image }: { name: string; image: ImageDetail }) {
  const { answer, failure, isLoading, again } = useAnswer('history', { name })
  const { layers } = factsOf(image.manifest, image.config)
  const largest = Math.max(1, ...layers.map((layer) => layer.size))
  const rows = stepsWithLayers(answer ?? [], layers).reverse()
  if (failure) return <FailureBox failure={failure} again={again} />
  if (isLoading) return <p role="status">{t('loading')}</p>
  return (
    <>
      {answer?.length === 0 && <p class="faint">{t('noHistory')}</p>}
      <ShortTable
        label={t('layers')}
        heads={[t('step'), t('created'), t('layer'), t('size')]}
        rows={rows.map(({ step, layer }) => [
          <code key="step" class="step">
            {step?.createdBy || step?.comment || '–'}
          </code>,
          step?.created ? day(step.created) : '–',
          layer ? (
            <code key="layer" title={layer.digest}>
              {short(layer.digest)}
            </code>
          ) : (
            <span key="layer" class="faint">
              {t('noLayer')}
            </span>
          ),
          layer ? (
            <span key="size" class="sized">
              <meter min={0} max={largest} value={layer.size} aria-label={t('share')} />
              <span>{size(layer.size)}</span>
            </span>
          ) : (
            ''
          ),
        ])}
      />
      <CommandBox action="history" request={{ name }} />
    </>
  )
}
