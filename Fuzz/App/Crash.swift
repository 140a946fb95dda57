#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Tells which documents were being read when the process crashed. Only what a signal handler may call is called.
enum Crash {
    /// More threads than this are told of no more.
    static let mostThreads = 256

    /// The number of the document that each thread reads, plus one; 0 for none.
    nonisolated(unsafe) static let numbers: UnsafeMutablePointer<UInt64> = {
        let numbers = UnsafeMutablePointer<UInt64>.allocate(capacity: mostThreads)
        numbers.initialize(repeating: 0, count: mostThreads)
        return numbers
    }()

    static func begin(_ number: UInt64, on thread: Int) {
        if thread < mostThreads { numbers[thread] = number + 1 }
    }

    static func watch() {
        _ = numbers
        for signal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
            #if canImport(Glibc)
                Glibc.signal(signal, handler)
            #elseif canImport(Musl)
                Musl.signal(signal, handler)
            #else
                Darwin.signal(signal, handler)
            #endif
        }
    }

    private static let handler: @convention(c) (Int32) -> Void = { number in
        Crash.say("error: crashed while one of the documents with these numbers was read (FIRST=... DOCUMENTS=1):")
        for thread in 0..<Crash.mostThreads where Crash.numbers[thread] > 0 {
            Crash.say(" ")
            Crash.say(Crash.numbers[thread] - 1)
        }
        Crash.say("\n")
        _exit(128 + number)
    }

    private static func say(_ text: StaticString) {
        _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }

    private static func say(_ number: UInt64) {
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            var digit = UInt8(ascii: "0") + UInt8(number / divisor % 10)
            _ = write(STDERR_FILENO, &digit, 1)
            divisor /= 10
        }
    }
}
