using System.Collections.Immutable;

namespace NexusGen.Training.Data;

/// <summary>
/// A grid of class numbers that covers an image evenly and labels its contents, for one kind of label (such as shape or colour).
/// Data that knows the contents of its images provides such maps. A vision encoder that is trained from random weights learns
/// from them what to recognize.
/// </summary>
/// <param name="Name">The name of the kind, a single word.</param>
/// <param name="Classes">The number of classes; one of them may mean "nothing here".</param>
/// <param name="Columns">The number of columns of the grid.</param>
/// <param name="Rows">The number of rows of the grid.</param>
/// <param name="Values">The classes, row by row, each from 0 to <paramref name="Classes"/> − 1.</param>
public sealed record LabelMap(string Name, int Classes, int Columns, int Rows, ImmutableArray<byte> Values);
