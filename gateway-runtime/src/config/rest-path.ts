/** Where tools are served as plain HTTP, with `rest_api`. */
export const restPath = '/api/v1';
