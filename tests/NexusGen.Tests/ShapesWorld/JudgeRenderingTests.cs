using NexusGen.ShapesWorld;
using NexusGen.ShapesWorld.Judging;
using NexusGen.ShapesWorld.Rendering;

namespace NexusGen.Tests.ShapesWorld;

public class JudgeRenderingTests
{
    [Fact]
    public void TenThousandDegradedRenderingsAreReadRight()
    {
        const int count = 10_000;
        List<string> failures = [];
        for (int i = 0; i < count; i++)
        {
            Dice dice = new(1, (ulong)i);
            Scene scene = RandomScenes.Draw(dice);
            Degradation degradation = RandomScenes.Degrade(dice);
            Verdict verdict = Judge.Check(degradation.Apply(Renderer.Render(scene), dice), scene);
            if (!verdict.IsRight)
            {
                failures.Add($"{i}: {scene} {degradation} -> {verdict}");
            }
        }

        Assert.True(failures.Count <= count / 1000, $"{failures.Count}: {string.Join("\n", failures)}");
    }
}
