using System.Collections.Immutable;
using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Scenes;

/// <summary>
/// An exact description of a picture: a background and 1 to 5 objects, each in a cell of its own, in reading order (the
/// canonical order, so equal scenes compare equal). The base of the scenes of both worlds.
/// </summary>
/// <typeparam name="TBackground">The type of the background.</typeparam>
/// <typeparam name="TObject">The type of the objects.</typeparam>
public abstract class GridScene<TBackground, TObject> : IEquatable<GridScene<TBackground, TObject>>
    where TBackground : notnull
    where TObject : struct, IGridObject<TObject>
{
    /// <summary>The most objects in a scene.</summary>
    public const int MaxObjects = 5;

    /// <summary>Initializes a scene of a background and objects, in any order.</summary>
    /// <param name="background">The background.</param>
    /// <param name="objects">1 to 5 objects.</param>
    /// <exception cref="WorldException">There are no or too many objects, two in one cell, one outside the grid, or one
    /// whose jitter exceeds the limit.</exception>
    private protected GridScene(TBackground background, IEnumerable<TObject> objects)
    {
        Background = background;
        Objects = [.. objects.OrderBy(o => o.Cell)];
        if (Objects.Length is 0 or > MaxObjects)
        {
            throw new WorldException($"A scene holds 1 to {MaxObjects} objects, not {Objects.Length}.");
        }

        for (int i = 0; i < Objects.Length; i++)
        {
            TObject o = Objects[i];
            if (!o.Cell.IsInside || Math.Abs(o.JitterX) > TObject.JitterLimit || Math.Abs(o.JitterY) > TObject.JitterLimit)
            {
                throw new WorldException(
                    $"The object {o} lies outside the grid or its jitter is beyond {TObject.JitterLimit}.");
            }

            if (i > 0 && Objects[i - 1].Cell == o.Cell)
            {
                throw new WorldException($"Two objects stand in one cell: {Objects[i - 1]} and {o}.");
            }
        }
    }

    /// <summary>The background.</summary>
    public TBackground Background { get; }

    /// <summary>The objects, in reading order of their cells.</summary>
    public ImmutableArray<TObject> Objects { get; }

    /// <summary>Whether an object stands off the middle of its cell.</summary>
    public bool HasJitter => Objects.Any(o => o.JitterX != 0 || o.JitterY != 0);

    /// <summary>
    /// A stable 64-bit hash of the scene without its jitter: a jittered picture of a test scene is a test picture too. It never
    /// changes between runs, machines or versions of .NET: the split into training and test scenes rests on it.
    /// </summary>
    public abstract ulong LayoutHash { get; }

    /// <summary>The object in a cell, or null.</summary>
    /// <param name="cell">The cell.</param>
    /// <returns>The object.</returns>
    public TObject? At(Cell cell)
    {
        foreach (TObject o in Objects)
        {
            if (o.Cell == cell)
            {
                return o;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public bool Equals(GridScene<TBackground, TObject>? other) => other is not null
        && EqualityComparer<TBackground>.Default.Equals(Background, other.Background)
        && Objects.SequenceEqual(other.Objects);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GridScene<TBackground, TObject>);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)LayoutHash;

    /// <summary>Returns the objects in the middle of their cells.</summary>
    private protected IEnumerable<TObject> CenteredObjects => Objects.Select(o => o.WithJitter(0, 0));

    /// <summary>Whether another scene is the same when all objects stand in the middle of their cells.</summary>
    private protected bool HasLayoutOf(GridScene<TBackground, TObject> other) =>
        EqualityComparer<TBackground>.Default.Equals(Background, other.Background)
        && CenteredObjects.SequenceEqual(other.CenteredObjects);

    /// <summary>Returns the objects, each moved off the middle of its cell by chance.</summary>
    internal IEnumerable<TObject> Jittered(Dice dice)
    {
        int most = TObject.JitterLimit;
        return [.. Objects.Select(o => o.WithJitter(dice.Between(-most, most), dice.Between(-most, most)))];
    }
}
