import Hummingbird
import NIOCore
import ServiceLifecycle
import Settings

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The event listener, with an error that says which address could not be had.
struct EventListener<Application: ApplicationProtocol>: Service {
    let application: Application
    let address: ListenAddress

    func run() async throws {
        do {
            try await application.run()
        } catch let error as CancellationError {
            throw error
        } catch {
            let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            throw ProgramExit.failure("cannot serve events on \(address): \(reason); choose another with --listen")
        }
    }
}
