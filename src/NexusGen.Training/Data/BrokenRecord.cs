namespace NexusGen.Training.Data;

/// <summary>A record that can't be used.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">The line number, from 1; 0 if the file itself is the record.</param>
/// <param name="Reason">What is wrong with the record.</param>
public sealed record BrokenRecord(string File, long Line, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => Line == 0 ? $"{File}: {Reason}" : $"{File}, line {Line}: {Reason}";
}
