// Tests with real servers and child processes depend on how busy the machine is. One that fails is tried once more; npm test
// prints the first failure, and names it at the end.
const { testPath = '' } = expect.getState();
if (/\/test\/gateway-runtime\/(?!.*property)/.test(testPath)) jest.retryTimes(1, { logErrorsBeforeRetry: true });
