using System.Collections.Immutable;

namespace NexusGen.Worlds.Scenes;

/// <summary>
/// The split by hash: the layout's hash modulo 16 is 0 or 1 for test scenes, 2 for validation and more for training. So a
/// scene is of one part whatever task, text or jitter it comes with. Beside it six pairs of colour and shape are held out: in
/// training no text asks to draw or edit them, and no picture that answers such a text has them. Pictures without such a text
/// do, so that the eyes know them and the decoders can paint what embeddings say of them.
/// </summary>
public static class Splits
{
    /// <summary>The pairs that no text of training asks for.</summary>
    public static ImmutableArray<(Colour Colour, Shape Shape)> HeldOutPairs { get; } =
    [
        (Colour.Purple, Shape.Star), (Colour.Orange, Shape.Ring), (Colour.Blue, Shape.Heart),
        (Colour.Pink, Shape.Triangle), (Colour.Cyan, Shape.Square), (Colour.Yellow, Shape.Circle),
    ];

    /// <summary>The part of a scene by its hash alone: never <see cref="WorldSplit.Composition"/>.</summary>
    /// <param name="scene">The scene.</param>
    /// <returns>Its part.</returns>
    public static WorldSplit Of(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return OfHash(scene.LayoutHash);
    }

    /// <summary>Whether a pair is held out.</summary>
    /// <param name="colour">The colour.</param>
    /// <param name="shape">The shape.</param>
    /// <returns>Whether no text of training asks for it.</returns>
    public static bool IsHeldOut(Colour colour, Shape shape) => HeldOutPairs.Contains((colour, shape));

    /// <summary>Whether a scene has an object of a held-out pair.</summary>
    /// <param name="scene">The scene.</param>
    /// <returns>Whether it has.</returns>
    public static bool HasHeldOutPair(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return scene.Objects.Any(o => IsHeldOut(o.Colour, o.Shape));
    }

    /// <summary>Returns the part of the scenes of a hash.</summary>
    internal static WorldSplit OfHash(ulong layoutHash) => (layoutHash % 16) switch
    {
        0 or 1 => WorldSplit.Test,
        2 => WorldSplit.Validation,
        _ => WorldSplit.Train,
    };
}
