// What a guard is: a line that withstands something, the same line without its strength, and the test that notices.

export interface Guard {
  /** Below the root of the repository. */
  readonly file: string;
  /** The guard as it stands in the file, once. */
  readonly code: string;
  readonly broken: string;
  /** Below test, without the ending. */
  readonly test: string;
  /** A title in that file, of a test or of a `describe` around it. */
  readonly title: string;
  /** The test runs the built program. */
  readonly isBuilt?: true;
}
