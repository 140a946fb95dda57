/// The forms in which events are answered.
enum Formats {}
