using NexusGen.Training.Optimization;

namespace NexusGen.Tests.Training;

public class LearningRateScheduleTests
{
    [Fact]
    public void WarmsUpThenFallsAsACosine()
    {
        var schedule = new LearningRateSchedule { Peak = 0.001, WarmupSteps = 2, CosineSteps = 8 };
        double[] expected = [0, 0.0005, 0.001, 0.0009330127018922195, 0.00075, 0.0005, 0.00025, 6.698729810778065e-05];
        for (int step = 0; step < expected.Length; step++)
        {
            Assert.Equal(expected[step], schedule.At(step), 1e-12);
        }

        Assert.Equal(0, schedule.At(100), 1e-12);
    }

    [Fact]
    public void StaysConstantWithoutACosine()
    {
        var schedule = new LearningRateSchedule { Peak = 2, WarmupSteps = 4 };
        Assert.Equal([0, 0.5, 1, 1.5, 2, 2, 2], Enumerable.Range(0, 7).Select(step => schedule.At(step)));
    }

    [Fact]
    public void TheCosineEndsAtTheFloor() =>
        Assert.Equal(0.1, new LearningRateSchedule { Peak = 1, CosineSteps = 10, Floor = 0.1 }.At(10), 1e-12);
}
