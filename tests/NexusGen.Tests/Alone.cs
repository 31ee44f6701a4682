namespace NexusGen.Tests;

/// <summary>
/// Tests that observe the complete process, for example its tensors, and therefore can't run in parallel with others.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class Alone
{
    public const string Name = "Alone";
}
