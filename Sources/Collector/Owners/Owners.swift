/// Who owns whom.
enum Owners {}
