import Settings

await KEEProgram.main(CollectorCommand.self, knownElsewhere: CollectorCommand.settingsOfTheQueryService)
