namespace NexusGen.Worlds.Things.GenEval;

/// <summary>What a record of GenEval's metadata says of one class.</summary>
/// <param name="Class">The name of the class.</param>
/// <param name="Count">How many things are required, or how many are already too many.</param>
/// <param name="Color">The colour that they must have; null for any.</param>
/// <param name="Relation">"left of", "right of", "above" or "below"; null for any place.</param>
/// <param name="Target">The number of the clause to whose things the relation is.</param>
public sealed record GenEvalClause(string Class, int Count, string? Color = null, string? Relation = null, int Target = 0);
