namespace NexusGen.Tests;

/// <summary>Tests that look at the whole process, its tensors for instance, and so can't run beside others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class Alone
{
    public const string Name = "Alone";
}
