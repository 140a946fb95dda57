import Settings

await KEEProgram.main(CollectorCommand.self)
