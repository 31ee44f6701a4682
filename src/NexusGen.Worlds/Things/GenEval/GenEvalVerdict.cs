namespace NexusGen.Worlds.Things.GenEval;

/// <summary>Whether a picture is what a prompt of GenEval asks for.</summary>
/// <param name="IsCorrect">Whether it is.</param>
/// <param name="Reason">What is wrong, a line for each fault in GenEval's words; empty where nothing is.</param>
public sealed record GenEvalVerdict(bool IsCorrect, string Reason);
