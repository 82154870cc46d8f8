import { factsOf } from '../../../../provider/shown/index.js'
import type { ImageDetail } from '../../protocol/actions.js'
import { CommandBox } from '../parts/command-box.js'
import { FailureBox } from '../parts/failure.js'
import { LayersTable } from '../parts/shown.js'
import { useAnswer } from '../parts/use-answer.js'
import { day } from '../state/amounts.js'
import { t } from '../words/words.js'

/** How the image was built, from the documents that came with it. */
export function LayersTab({ name, image }: { name: string; image: ImageDetail }) {
  const { answer, failure, isLoading, again } = useAnswer('history', { name })
  const { layers } = factsOf(image.manifest, image.config)
  if (failure) return <FailureBox failure={failure} again={again} />
  if (isLoading) return <p role="status">{t('loading')}</p>
  return (
    <>
      <LayersTable steps={answer ?? []} layers={layers} time={day} />
      <CommandBox action="history" request={{ name }} />
    </>
  )
}
