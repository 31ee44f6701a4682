namespace NexusGen.Worlds.Things.Texts.Suites;

/// <summary>A thing that a picture has, or must have. What is null isn't said: any value is right.</summary>
/// <param name="Item">The id of the thing.</param>
/// <param name="Count">How many there are; 1 if null.</param>
/// <param name="Colour">The id of its colour; null in a scene for its natural look.</param>
/// <param name="Size">The id of its size.</param>
/// <param name="Cell">The id of its cell.</param>
public sealed record ParaphraseThing(string Item, int? Count = null, string? Colour = null, string? Size = null,
    string? Cell = null);
