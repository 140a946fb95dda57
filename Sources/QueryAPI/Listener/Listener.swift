/// The event listener.
enum Listener {}
