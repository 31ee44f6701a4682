using System.Collections.Immutable;
using System.Text;

namespace NexusGen.Worlds.Things.Scenes;

/// <summary>
/// The 199 combinations of the prompts of GenEval's categories <c>two_object</c> and <c>color_attr</c>: training must not draw
/// them. Derived from GenEval's metadata (https://github.com/djghosh13/geneval, MIT, copyright 2023 Dhruba Ghosh).
/// </summary>
public static class GenEvalPairs
{
    /// <summary>The combinations.</summary>
    public static ImmutableArray<GenEvalPair> All { get; } = [.. Lines("combinations.txt").Select(Parse)];

    private static readonly ILookup<int, GenEvalPair> ByFirst = All.ToLookup(pair => pair.First.Index);

    /// <summary>Whether a scene has both things of a combination, wherever they stand.</summary>
    /// <param name="scene">The scene.</param>
    /// <returns>Whether it has. A natural look counts as its dominant colour.</returns>
    public static bool Has(ThingScene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        foreach (PlacedThing one in scene.Objects)
        {
            foreach (GenEvalPair pair in ByFirst[one.Thing.Index])
            {
                if (pair.IsFirst(one) && scene.Objects.Any(pair.IsSecond))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Reads the lines of an embedded list.</summary>
    internal static string[] Lines(string name)
    {
        string text = Encoding.UTF8.GetString(ThingCatalogue.Resource("Things/GenEval/" + name));
        return text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
    }

    private static GenEvalPair Parse(string line)
    {
        string[] sides = line.Split('+');
        ((Thing first, ThingColour? firstColour), (Thing second, ThingColour? secondColour)) = (Side(sides[0]), Side(sides[1]));
        return new GenEvalPair(first, firstColour, second, secondColour);
    }

    private static (Thing, ThingColour?) Side(string text) => text.Split(':') is [string name, string colour]
        ? (ThingCatalogue.Thing(name), ThingCatalogue.Colour(colour))
        : (ThingCatalogue.Thing(text), null);
}
