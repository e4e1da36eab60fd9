/**
 * The user and group that containers run as, by number: Kubernetes cannot tell a name from root, and this number owns
 * nothing on a node and stands in no image's list of users.
 */
export const nonRootUser = 10001;
