namespace NexusGen.Training.Data;

/// <summary>A record that can't be used.</summary>
/// <param name="File">Its file.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record BrokenRecord(string File, long Line, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}, line {Line}: {Reason}";
}
