import Settings

await KEEProgram.main(KEEQuery.self, knownElsewhere: KEEQuery.settingsOfTheCollector)
