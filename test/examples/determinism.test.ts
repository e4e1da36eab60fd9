import { synthApp } from '../helpers/synth-app';

test('the quickstart becomes the same bytes in every locale and time zone', async () => {
  const main = 'examples/quickstart/main.ts';
  const [here, elsewhere] = await Promise.all([
    synthApp(main, { LANG: 'C', LC_ALL: 'C', TZ: 'Pacific/Honolulu' }),
    synthApp(main, { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Asia/Kathmandu' }),
  ]);
  expect([...here.keys()].sort()).toEqual([
    'manifest.json',
    'stacks/quickstart-platform/cdk.tf.json',
    'stacks/quickstart/cdk.tf.json',
  ]);
  expect(elsewhere).toEqual(here);
});
