namespace NexusGen.Training.Data;

/// <summary>One turn of a training record.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">The text; <c>&lt;image&gt;</c> stands where a picture does.</param>
public sealed record TrainingMessage(string Role, string Content);
