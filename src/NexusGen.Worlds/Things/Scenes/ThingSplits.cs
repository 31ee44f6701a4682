using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Things.Scenes;

/// <summary>
/// The split by hash, as in the world of shapes (<see cref="Splits"/>): the layout's hash modulo 16 is 0 or 1 for test scenes, 2
/// for validation and more for training. Beside it about a tenth of the pairs of class and colour and of two classes are held
/// out, and so are the combinations of GenEval's prompts: in training no text asks to draw or edit them, and no picture that
/// answers such a text has them. Pictures without such a text do.
/// </summary>
public static class ThingSplits
{
    private const int HeldOutShare = 10;

    // Every scene of every sample is checked, so the hashes of the names are computed once.
    private static readonly bool[,] OfColours = Table(ThingCatalogue.Colours, (thing, colour) => IsChosen($"{colour} {thing}"));
    private static readonly bool[,] OfThings = Table(ThingCatalogue.Things, (one, other) =>
        one != other && IsChosen(
            string.CompareOrdinal(one.Name, other.Name) < 0 ? $"{one} and {other}" : $"{other} and {one}"));

    /// <summary>The pairs of class and colour that no text of training asks for.</summary>
    public static ImmutableArray<(Thing Thing, ThingColour Colour)> HeldOutColours { get; } =
        [.. from thing in ThingCatalogue.Things
            from colour in ThingCatalogue.Colours
            where IsHeldOut(thing, colour)
            select (thing, colour)];

    /// <summary>The pairs of two classes that no text of training asks for, each pair once.</summary>
    public static ImmutableArray<(Thing First, Thing Second)> HeldOutPairs { get; } =
        [.. from first in ThingCatalogue.Things
            from second in ThingCatalogue.Things
            where first.Index < second.Index && IsHeldOut(first, second)
            select (first, second)];

    /// <summary>Returns the split of a scene by its hash alone: never <see cref="WorldSplit.Composition"/>.</summary>
    /// <param name="scene">The scene.</param>
    /// <returns>The split.</returns>
    public static WorldSplit Of(ThingScene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return Splits.OfHash(scene.LayoutHash);
    }

    /// <summary>
    /// Whether a class is held out in a colour: FNV-1a of "colour thing", finished by SplitMix64, modulo 10 is 0.
    /// </summary>
    /// <param name="thing">The class.</param>
    /// <param name="colour">The colour.</param>
    /// <returns>Whether no text of training asks for it.</returns>
    public static bool IsHeldOut(Thing thing, ThingColour colour)
    {
        ArgumentNullException.ThrowIfNull(thing);
        ArgumentNullException.ThrowIfNull(colour);
        return OfColours[thing.Index, colour.Index];
    }

    /// <summary>Whether two classes are held out together, by the same hash of "thing and thing", in ordinal order.</summary>
    /// <param name="first">One class.</param>
    /// <param name="second">The other.</param>
    /// <returns>Whether no text of training asks for them in one picture. Two of one class are never held out.</returns>
    public static bool IsHeldOut(Thing first, Thing second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return OfThings[first.Index, second.Index];
    }

    /// <summary>Whether a scene has a held-out pair. A natural look is of no held-out pair of class and colour.</summary>
    /// <param name="scene">The scene.</param>
    /// <returns>Whether it has.</returns>
    public static bool HasHeldOutPair(ThingScene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        foreach (PlacedThing one in scene.Objects)
        {
            if (one.Colour is { } colour && IsHeldOut(one.Thing, colour))
            {
                return true;
            }

            foreach (PlacedThing other in scene.Objects)
            {
                if (IsHeldOut(one.Thing, other.Thing))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether a scene may answer a request to draw or edit in training.</summary>
    /// <param name="scene">The scene.</param>
    /// <returns>Whether it is a training scene without a held-out pair and without a combination of GenEval's prompts.</returns>
    public static bool MayTrain(ThingScene scene) =>
        Of(scene) == WorldSplit.Train && !HasHeldOutPair(scene) && !GenEvalPairs.Has(scene);

    private static bool[,] Table<T>(ImmutableArray<T> others, Func<Thing, T, bool> isHeldOut)
    {
        bool[,] table = new bool[ThingCatalogue.Things.Length, others.Length];
        foreach (Thing thing in ThingCatalogue.Things)
        {
            for (int i = 0; i < others.Length; i++)
            {
                table[thing.Index, i] = isHeldOut(thing, others[i]);
            }
        }

        return table;
    }

    private static bool IsChosen(string name) => Dice.Mix(StableHash.Of(name)) % HeldOutShare == 0;
}
