using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.GenEval;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>What the samples of a split may show and say.</summary>
/// <param name="Split">The split.</param>
/// <param name="Jitter">Whether things of attached images stand off the middle of their cells.</param>
/// <param name="Most">The most things in an image.</param>
/// <param name="Noise">How carelessly the user types.</param>
internal sealed record ThingScope(WorldSplit Split, bool Jitter, int Most, NoiseOptions Noise)
{
    /// <summary>Returns whether a scene may be the answer to a request to draw or edit.</summary>
    public bool MayDraw(ThingScene scene) => scene.Objects.Length <= Most && Split switch
    {
        WorldSplit.Train => ThingSplits.MayTrain(scene),
        WorldSplit.Composition => IsComposed(scene) && ThingSplits.Of(scene) == WorldSplit.Test,
        _ => !IsComposed(scene) && ThingSplits.Of(scene) == Split,
    };

    /// <summary>Returns whether a scene may be changed: in the composition split only the result is a new composition.</summary>
    public bool MayEdit(ThingScene scene) => Source.MayDraw(scene);

    /// <summary>Returns whether a scene may be asked about.</summary>
    public bool MayShow(ThingScene scene) => scene.Objects.Length <= Most && ThingSplits.Of(scene) == Source.Split;

    /// <summary>Gets the scope of what comes before the last request.</summary>
    public ThingScope Source => Split == WorldSplit.Composition ? this with { Split = WorldSplit.Test } : this;

    /// <summary>Draws a scene of the split, for questions.</summary>
    public ThingScene DrawAny(Dice dice) => Draw(dice, _ => true);

    /// <summary>Draws a scene that may be changed.</summary>
    public ThingScene DrawSource(Dice dice) => Draw(dice, MayEdit);

    /// <summary>Returns whether the user may say a text: no prompt of GenEval is trained.</summary>
    public static bool MaySay(string text) => !GenEvalPrompts.Contains(text);

    private static bool IsComposed(ThingScene scene) => ThingSplits.HasHeldOutPair(scene) || GenEvalPairs.Has(scene);

    private ThingScene Draw(Dice dice, Func<ThingScene, bool> fits)
    {
        while (true)
        {
            ThingScene scene = ThingSampler.Draw(dice, Source.Split);
            if (scene.Objects.Length <= Most && fits(scene))
            {
                return Jitter ? ThingSampler.Jitter(scene, dice) : scene;
            }
        }
    }
}
