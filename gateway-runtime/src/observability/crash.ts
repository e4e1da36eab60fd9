/** Frames of a stack that are told at most. */
const mostFrames = 10;

/** What an error that nobody foresaw is called in the log. Its message may hold anything, so only its name and place are told. */
export function describeCrash(error: unknown): object {
  if (!(error instanceof Error)) return { error: typeof error };
  const { code } = error as NodeJS.ErrnoException;
  const frames = (error.stack ?? '')
    .replace(error.message, '')
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .slice(0, mostFrames);
  return { error: error.name, ...(typeof code === 'string' && { code }), at: frames.map((line) => line.trim()) };
}
