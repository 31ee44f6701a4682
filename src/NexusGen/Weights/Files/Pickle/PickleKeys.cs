namespace NexusGen.Weights.Files.Pickle;

/// <summary>Compares the keys of pickled dictionaries: texts, whole numbers and truths, hashed so that none collide on purpose.</summary>
internal sealed class PickleKeys : IEqualityComparer<object>
{
    /// <summary>The only instance.</summary>
    public static PickleKeys Instance { get; } = new();

    /// <summary>Whether a value may be a key.</summary>
    /// <param name="value">The value.</param>
    public static bool IsKey(object? value) => value is string or long or bool;

    /// <inheritdoc/>
    public new bool Equals(object? x, object? y) => object.Equals(x, y);

    /// <inheritdoc/>
    public int GetHashCode(object obj) =>
        obj is long number ? HashCode.Combine((int)number, (int)(number >> 32)) : HashCode.Combine(obj.GetHashCode());
}
