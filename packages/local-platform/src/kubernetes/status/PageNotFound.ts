/** No API is at a path; told as text, as there is none whose words could be used. */
export class PageNotFound extends Error {
  constructor() {
    super('404 page not found');
    this.name = 'PageNotFound';
  }
}
