namespace NexusGen.Worlds.Things.Answers;

/// <summary>What a word of an answer does that names nothing of the world.</summary>
internal enum AnswerSign
{
    /// <summary>It affirms.</summary>
    Yes,

    /// <summary>It affirms at the beginning of an answer, and is a word like others elsewhere.</summary>
    YesInFront,

    /// <summary>It denies.</summary>
    No,

    /// <summary>It denies, and before a noun says that there is none.</summary>
    NoSuch,

    /// <summary>It says that there is none.</summary>
    None,

    /// <summary>Nothing: a phrase with a word that would mean something alone.</summary>
    Skip,
}
