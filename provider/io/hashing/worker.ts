import { serve } from '../threads/serve.js'
import { type RangeJob, runRangeJob } from './range-job.js'

serve((job: RangeJob, { isStopped, onBytes }) =>
  runRangeJob(job, (count) => {
    onBytes(count)
    return !isStopped()
  }),
)
