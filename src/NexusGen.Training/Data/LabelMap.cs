using System.Collections.Immutable;

namespace NexusGen.Training.Data;

/// <summary>
/// What is where in a picture, of one kind (a shape, a colour), as a grid of class numbers that covers the picture evenly. Data
/// that knows its pictures gives such maps, and a vision encoder that is trained from nothing learns from them what there is to
/// see.
/// </summary>
/// <param name="Name">The kind; a word.</param>
/// <param name="Classes">How many classes there are; "nothing here" may be one of them.</param>
/// <param name="Columns">Columns of the grid.</param>
/// <param name="Rows">Rows of the grid.</param>
/// <param name="Values">The classes, row by row, each from 0 to <paramref name="Classes"/> − 1.</param>
public sealed record LabelMap(string Name, int Classes, int Columns, int Rows, ImmutableArray<byte> Values);
