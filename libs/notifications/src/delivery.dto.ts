import { z } from 'zod';

/** One delivery as the ledger shows it. */
export const deliveryShape = z.object({
  source: z.string(),
  request: z.string(),
  recipient: z.string(),
  channel: z.string(),
  rule: z.string(),
  status: z.string(),
  attempts: z.number(),
  reason: z.string().nullable(),
  due_at: z.string(),
  settled_at: z.string().nullable(),
});
