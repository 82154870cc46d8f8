import type { Failure } from '../../protocol/actions.js'
import { t } from '../words/words.js'

/** An error as the command line tells it: what, and what to do. */
export function FailureBox({ failure, again }: { failure: Failure; again?: () => void }) {
  const isGone = failure.code === 'GONE' || (failure.code === 'REFUSED' && /token/.test(failure.message))
  return (
    <div class="box bad" role="alert">
      <p>
        <strong>{isGone ? t('error') : failure.code}</strong> {isGone ? t('gone') : failure.message}
      </p>
      <p>{isGone ? t('goneHelp') : failure.remedy}</p>
      {again && !isGone && (
        <button type="button" onClick={again}>
          {t('tryAgain')}
        </button>
      )}
    </div>
  )
}
